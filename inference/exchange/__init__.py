"""Labels out to the formats that others read, and in from them."""
