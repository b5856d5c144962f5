"""Reading Ruby sources without running them: words, literals and brackets, enough to find declarations."""
