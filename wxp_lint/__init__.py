"""wxp-lint: checks the device transfer files of HP's Workforce Experience Platform."""

__version__ = "0.1.0"
HOME = "https://github.com/wxp-lint/wxp-lint"
