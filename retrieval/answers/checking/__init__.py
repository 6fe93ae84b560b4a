"""Do passages support a sentence that a model wrote? By code, and with a judge by a model a second time."""
