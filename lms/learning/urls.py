from django.urls import path

from . import views

app_name = "learning"
urlpatterns = [
    path("enroll/<slug:code>/", views.enroll_in_course, name="enroll"),
    path("module/<uuid:key>/", views.open_module, name="module"),
    path("<uuid:key>/", views.show_course, name="course"),
    path("<uuid:key>/finish/", views.finish, name="finish"),
    path("<uuid:key>/before/", views.begin_course_pre_test, name="pre-test"),
    path("<uuid:key>/survey/", views.begin_course_survey, name="survey"),
    path("<uuid:key>/quiz/", views.begin_course_quiz, name="quiz"),
    path("<uuid:key>/quiz/<int:attempt>/<slug:step>/", views.CourseQuiz.as_view(), name="quiz-step"),
    path("<uuid:key>/<uuid:module>/<str:section>/", views.show_section, name="section"),
]
