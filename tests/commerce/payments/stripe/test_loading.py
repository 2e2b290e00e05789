import subprocess
import sys


def test_the_adapter_is_loaded_without_the_sdk() -> None:
    """Loading it takes half a second, which a start should not pay."""
    loads = "import sys; from shopwright.commerce.payments.providers.stripe import Stripe; Stripe(); print('stripe' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
