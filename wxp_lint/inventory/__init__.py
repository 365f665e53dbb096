"""The devices that the partner can see, from every list that names them."""
