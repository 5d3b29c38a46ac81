from .course import Course, CourseVersion
from .pages import (
    CatalogPage,
    CoursePage,
    HomePage,
    ModulePage,
    PreventionIndexPage,
    PreventionPage,
    StandardPage,
)
from .reviews import ReviewRecord, SurvivorReviewedPage, SurvivorReviewMissingError
from .settings import HelpSettings

__all__ = [
    "CatalogPage",
    "Course",
    "CoursePage",
    "CourseVersion",
    "HelpSettings",
    "HomePage",
    "ModulePage",
    "PreventionIndexPage",
    "PreventionPage",
    "ReviewRecord",
    "StandardPage",
    "SurvivorReviewMissingError",
    "SurvivorReviewedPage",
]
