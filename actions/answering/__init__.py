"""From a worker's words to an answer that staff wrote: a list of steps over the knowledge folder."""
