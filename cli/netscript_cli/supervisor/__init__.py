"""Runs processes side by side: started in order, ended in reverse order, nothing left behind."""
