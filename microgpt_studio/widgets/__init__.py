"""What several panels show and ask with; it knows the theme, and of a session only numbers and names it is given."""

from microgpt_studio.widgets.address_link import AddressLink
from microgpt_studio.widgets.color_scale import ColorScale
from microgpt_studio.widgets.empty_state import EmptyState
from microgpt_studio.widgets.faces import use_number_font, use_text_font
from microgpt_studio.widgets.heatmap import Heatmap
from microgpt_studio.widgets.number_text import full, short
from microgpt_studio.widgets.themed import ThemedWidget

__all__ = [
    "AddressLink",
    "ColorScale",
    "EmptyState",
    "Heatmap",
    "ThemedWidget",
    "full",
    "short",
    "use_number_font",
    "use_text_font",
]
