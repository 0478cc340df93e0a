"""Images and labels: where they come from and how they are checked.

=============  ==========================================================================
module         what it does
=============  ==========================================================================
dataset        the images and labels of one experiment, and their checksum
load           from the settings to a data set: choose the source, take the first, crop
mnist          what is known about MNIST: file names, checksums, mirrors, folders
idx            read the four IDX files of MNIST and of sets in the same format
arrays         read the user's own arrays from an .npz or HDF5 file
check          refuse arrays that are not images and labels
download       fetch MNIST from its public mirrors
describe       say which data are there and whether they verify
=============  ==========================================================================
"""

from pcmsim.data.dataset import Dataset
from pcmsim.data.describe import describe_data
from pcmsim.data.download import download_mnist
from pcmsim.data.load import load_dataset

__all__ = ["Dataset", "describe_data", "download_mnist", "load_dataset"]
