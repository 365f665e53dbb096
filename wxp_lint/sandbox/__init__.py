"""A console on this computer to practise and test transfers against. It is a simulation, and nobody's real API."""
