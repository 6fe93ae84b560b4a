"""What people touch: the terminal, Discord, and the settings behind both."""
