"""Every address of the site. Each is declared in the access table of the tests, or the tests fail."""

from django.urls import include, path

from microrelief.web.pages import refused, views

urlpatterns = [
    path("", views.home, name="home"),
    path("health", views.health, name="health"),
    path("worker.js", views.worker, name="site_worker"),
    path("site.webmanifest", views.manifest, name="site_manifest"),
    path("offline/", views.offline, name="site_offline"),
    path("", include("microrelief.web.people.urls")),
    path("", include("microrelief.web.patients.urls")),
    path("", include("microrelief.web.brake.urls")),
    path("", include("microrelief.web.photos.urls")),
    path("", include("microrelief.web.consents.urls")),
    path("", include("microrelief.web.visits.urls")),
    path("", include("microrelief.web.consultations.urls")),
    path("", include("microrelief.web.plans.urls")),
    path("", include("microrelief.web.treatments.urls")),
    path("", include("microrelief.web.recovery.urls")),
    path("", include("microrelief.web.photosets.urls")),
    path("", include("microrelief.web.comparisons.urls")),
    path("", include("microrelief.web.custody.urls")),
    path("", include("microrelief.web.oversight.urls")),
    path("", include("microrelief.web.clinic.urls")),
    path("", include("microrelief.web.stock.urls")),
    path("", include("microrelief.web.clinic_rules.urls")),
    path("", include("microrelief.web.leaflets.urls")),
    path("", include("microrelief.web.retests.urls")),
    path("", include("microrelief.web.api.urls")),
]
handler400 = views.bad_request
handler403 = views.forbidden
handler404 = views.not_found
handler500 = refused.fault
