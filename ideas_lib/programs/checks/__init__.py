"""Evidence on a program nobody has read: static, its examples, contracts, behaviour, agreement."""
