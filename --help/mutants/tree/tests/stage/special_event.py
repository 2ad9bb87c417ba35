"""The sample event under another slug, its forms with keys of a test's own."""

from festival import EVENT_TEXT
from stack.stack import Stack


class SpecialEvent:
    """`student` and `teacher`: lines for these forms. `students`, `teachers`: how many tickets of their kinds there are
    (0: any number). The first day is forced; what is changed later rules from the next application on."""

    def __init__(self, stack: Stack, slug: str, student: str = "", teacher: str = "", students: int = 0, teachers: int = 0,
                 head: str = ""):
        self.stack, self.slug, self.base = stack, slug, f"/e/{slug}"
        self.student, self.teacher, self.students, self.teachers, self.head = student, teacher, students, teachers, head
        self.apply()

    def apply(self) -> None:
        text = EVENT_TEXT.replace('slug      = "musicfes"', f'slug = "{self.slug}"').replace("forced_day     = 0", "forced_day = 1")
        text = text.replace("form_seconds   = 2", "form_seconds = 0")
        text = text.replace("capacity  = 0", f"capacity = {self.students}", 1).replace("capacity  = 0", f"capacity = {self.teachers}", 1)
        for kind, lines in (("family", self.student), ("guest", self.teacher)):
            assert text.count(f'kind      = "{kind}"\n') == 1
            text = text.replace(f'kind      = "{kind}"\n', f'kind = "{kind}"\n{lines}\n')
        path = self.stack.folder.conf / f"{self.slug}.toml"
        path.write_text(self.head + text, encoding="utf-8")
        path.chmod(0o644)
        self.stack.mogirictl("event", "apply", path)

    def change(self, **values) -> None:
        for name, value in values.items():
            setattr(self, name, value)
        self.apply()
