from .course import Course, CourseVersion

__all__ = ["Course", "CourseVersion"]
