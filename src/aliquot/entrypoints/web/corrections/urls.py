"""Addresses of corrections."""

from django.urls import path

from aliquot.entrypoints.web.corrections.views import look_backs, notices, tasks, withdrawing

app_name = "corrections"
urlpatterns = [
    path("", notices.home, name="home"),
    path("to-acknowledge/", notices.to_take, name="to-take"),
    path("to-acknowledge/<int:pk>/", notices.notice, name="notice"),
    path("to-acknowledge/<int:pk>/acknowledge/", notices.acknowledge, name="acknowledge"),
    path("told/", notices.told, name="told"),
    path("told/<int:pk>/", notices.phone, name="phone"),
    path("look-backs/", look_backs.look_backs, name="look-backs"),
    path("look-backs/new/", look_backs.new, name="new-look-back"),
    path("look-backs/steps/<int:pk>/", tasks.task, name="task"),
    path("look-backs/steps/<int:pk>/progress/", tasks.progress, name="task-progress"),
    path("look-backs/steps/<int:pk>/again/", tasks.again, name="task-again"),
    path("look-backs/<int:pk>/", look_backs.look_back, name="look-back"),
    path("results/<int:result_id>/withdraw/", withdrawing.withdraw, name="withdraw"),
]
