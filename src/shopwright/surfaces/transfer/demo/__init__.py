"""The demo shop: what `shopwright seed` puts into an empty database."""

from shopwright.surfaces.transfer.demo.shop import seed as seed
