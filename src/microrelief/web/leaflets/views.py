"""The page of the clinic's words on its sheets."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from microrelief.web.clinic.models import the_clinic
from microrelief.web.leaflets.actions import write_leaflet
from microrelief.web.leaflets.models import SHEETS, Leaflet
from microrelief.web.people.doors import asked_by, needs
from microrelief.web.people.permissions import Permission


class LeafletForm(forms.Form):
    """Words for one sheet in one language."""

    sheet = forms.ChoiceField(label=gettext_lazy("Which sheet"), choices=SHEETS)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    text = forms.CharField(
        label=gettext_lazy("Your words"),
        widget=forms.Textarea(attrs={"rows": 10}),
        max_length=4000,
        required=False,
        help_text=gettext_lazy("They stand beside what the rules say, never instead of it."),
    )


@require_http_methods(["GET", "POST"])
@needs(Permission.CHANGE_SETTINGS)
def leaflets(request: HttpRequest) -> HttpResponse:
    """What stands on the sheets, every version, and the form for another."""
    form = LeafletForm(request.POST or None, initial=_initial(request))
    if request.method == "POST" and form.is_valid():
        write_leaflet(by=asked_by(request), **form.cleaned_data)
        messages.success(request, _("Sheets from now on have these words; signed plans keep theirs."))
        return redirect("leaflets")
    found = list(Leaflet.objects.select_related("made_by"))
    rows = [
        {"sheet": sheet, "title": title, "language": name, "code": code,
         "versions": [one for one in found if (one.sheet, one.language) == (sheet, code)]}
        for sheet, title in SHEETS
        for code, name in settings.LANGUAGES
    ]  # fmt: skip
    return render(
        request, "leaflets/leaflets.html", {"form": form, "rows": rows}, status=422 if form.is_bound else 200
    )


def _initial(request: HttpRequest) -> dict[str, str]:
    """The sheet that was chosen, with the words that stand on it, to change them."""
    sheet, language = request.GET.get("sheet", ""), request.GET.get("language", the_clinic().language)
    last = Leaflet.objects.filter(sheet=sheet, language=language).first()
    return {"sheet": sheet, "language": language, "text": last.text if last else ""}
