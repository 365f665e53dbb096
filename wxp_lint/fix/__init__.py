"""Mending files: findings say what is to be done, plan.py what goes together, csv.py and xlsx.py do it to bytes."""
