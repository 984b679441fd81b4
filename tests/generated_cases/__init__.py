"""Generated requests: wrong flags, data files and run folders, each determined by a seed."""
