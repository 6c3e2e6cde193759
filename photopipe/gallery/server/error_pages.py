"""What a person sees whose browser asked for a page and got an error."""

from flask import Flask, Response, request

from photopipe.gallery.api.problem import PROBLEM_TYPE
from photopipe.gallery.server.guards import is_for_a_page
from photopipe.gallery.site.pages import Pages


def show_errors_as_pages(app: Flask, title: str) -> None:
    """Have errors answered as pages to browsers that ask for pages; programs get them as they are.

    Args:
        app: the application; its answers are compressed afterwards.
        title: what the pages call the gallery.
    """
    pages = Pages(title)

    @app.after_request
    def show(answer: Response) -> Response:
        if answer.mimetype == PROBLEM_TYPE and is_for_a_page(request):
            problem = answer.get_json(force=True)
            detail = problem["detail"].rstrip(".")
            answer.set_data(pages.error(problem["title"], f"{detail[:1].upper()}{detail[1:]}."))
            answer.content_type = "text/html; charset=utf-8"
        return answer
