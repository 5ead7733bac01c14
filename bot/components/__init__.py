"""The assistant's own Rasa components: one a file, importing Rasa and small libraries only."""
