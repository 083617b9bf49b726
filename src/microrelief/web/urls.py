"""Every address of the site. Each is declared in the access table of the tests, or the tests fail."""

from django.urls import include, path

from microrelief.web.pages import views

urlpatterns = [
    path("", views.home, name="home"),
    path("health", views.health, name="health"),
    path("", include("microrelief.web.people.urls")),
]
handler400 = views.bad_request
handler403 = views.forbidden
handler404 = views.not_found
handler500 = views.fault
