"""Settings: what there is to set, how YAML files are read, and how faults in them are explained."""
