"""Where values are kept: tables, migrations, and the two databases behind one face."""
