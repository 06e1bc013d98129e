"""Model versions: registered, judged by the gate, promoted, followed."""
