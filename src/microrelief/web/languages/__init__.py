"""Which languages there are, and sentences of the program said in the reader's."""
