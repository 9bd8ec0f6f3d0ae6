"""Pods on a Kubernetes cluster: one Kubernetes pod for each of ours."""
