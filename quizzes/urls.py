from django.urls import path

from . import teach_views

app_name = "quizzes"
urlpatterns = [
    path("results/", teach_views.list_results, name="results"),
    path("results/<slug:code>/", teach_views.show_result, name="result"),
    path("results/<slug:code>/<slug:table>.csv", teach_views.download_result, name="result-csv"),
    path("results/<slug:code>/<int:question>/", teach_views.show_item, name="item"),
    path("keys/<slug:code>/", teach_views.list_keys, name="keys"),
    path("keys/<slug:code>/<int:question>/", teach_views.correct_key, name="correct-key"),
    path("regrades/", teach_views.list_all_regrades, name="regrades"),
    path("regrades/<int:regrade>/", teach_views.show_regrade, name="regrade"),
    path("time/", teach_views.give_time, name="time"),
    path("time/<int:extension>/end/", teach_views.end_time, name="end-time"),
]
