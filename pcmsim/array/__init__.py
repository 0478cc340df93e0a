"""The array as it is made: crossbars of device pairs, their initial state and their faults."""
