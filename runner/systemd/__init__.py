"""What systemd is told and asked: status, journal, who started this, and when the timer fires."""
