"""Learning: a lab's reviews flow back into the network, by REST alone; and what may go wrong."""
