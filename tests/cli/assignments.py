"""A small repository of transfer files for tests of plan, apply and what follows."""

ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
CONTOSO = "9b0d4c52-1f3e-4a8b-8c77-5d2e6f7a8b90"
CONFIG = (
    'customers = "customers.csv"\n'
    "[inventory]\n"
    "max-age-days = 36500\n"
    'sources = [{ path = "unassigned.csv", place = "unassigned" }, { path = "acme.csv", place = "acme" }]\n'
)
A, B = "transfers/acme/a.csv", "transfers/contoso/b.csv"


def serial(number):
    return f"5CG823{number:04}"


def sheet(*numbers, to=ACME):
    return "".join(f"{line}\n" for line in ["Serial Number,Customer ID", *(f"{serial(n)},{to}" for n in numbers)])


FILES = {
    "wxp-lint.toml": CONFIG,
    "customers.csv": f"customer_id,name,folder\n{ACME},Acme,acme\n{CONTOSO},Contoso,contoso\n",
    "unassigned.csv": "Serial Number\n" + "".join(f"{serial(n)}\n" for n in range(1, 20)),
    "acme.csv": "Serial Number\n" + "".join(f"{serial(n)}\n" for n in range(20, 40)),
    A: sheet(1, 2, 3),
    B: sheet(20, 21, to=CONTOSO),
}


def tree(folder):
    """All files below a folder and their bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
