"""Layouts of tickets, without servers: checked by command, refused when broken, and read by zbar and ZXing after what happens to pictures."""

import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageEnhance, ImageFilter

LAYOUTS = Path(__file__).resolve().parents[2] / "templates/tickets"
CONFIGURATION = Path(__file__).resolve().parents[2] / "config/mogirid.toml"
EVENT = CONFIGURATION.parent / "events/musicfes.toml"
NO_CODE = "A" * 34
# By the preview's name, what its guest is called.
GUESTS = {"longest": "ヴォルフェシュレーゲルシュタイン", "shortest": "一 様", "rare": "髙橋 﨑山 𠮷野 辻󠄀 様", "kana": "ｻﾄｳ ﾊﾅｺ か゚ が 様", "emoji": "花子",
          "combining": "Zoë Ọlọ́run Nguyễn 様", "right-to-left": "محمد بن عبد الله"}  # as text; emoji are pictures


def as_jpeg(image: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file)


def halved(image: Image.Image) -> Image.Image:
    return image.resize((image.width // 2, image.height // 2), Image.BILINEAR)


ABUSES = {
    "as it is": lambda image: image,
    "JPEG at quality 40": lambda image: as_jpeg(image, 40),
    "half its size": halved,
    "rotated": lambda image: image.rotate(17, expand=True, fillcolor=(255, 255, 255), resample=Image.BILINEAR),
    "upside down": lambda image: image.rotate(180),
    "blurred": lambda image: image.filter(ImageFilter.GaussianBlur(image.width / 500)),
    "dimmed": lambda image: ImageEnhance.Brightness(image).enhance(0.25),
    "all of it": lambda image: as_jpeg(ImageEnhance.Brightness(halved(image).rotate(7, expand=True).filter(ImageFilter.GaussianBlur(1)))
                                       .enhance(0.5), 40),
}


def by_zbar(image: Image.Image) -> str:
    file = io.BytesIO()
    image.convert("L").save(file, "PPM")
    return subprocess.run(["zbarimg", "--quiet", "--raw", "--nodbus", "-Sdisable", "-Sqrcode.enable", "pgm:-"], input=file.getvalue(),
                          capture_output=True).stdout.decode().strip()


def by_zxing(image: Image.Image) -> str:
    found = zxingcpp.read_barcodes(image.convert("RGB"))
    return found[0].text if found else ""


@pytest.fixture(scope="session")
def check(build_dir):
    def run(*words) -> subprocess.CompletedProcess:
        return subprocess.run([build_dir / "daemon/ctl/mogirictl", "layout", "check", *words], capture_output=True, text=True)

    return run


@pytest.fixture
def layout(tmp_path) -> Path:
    """A copy of a shipped one, to be spoilt."""
    return Path(shutil.copytree(LAYOUTS / "recital", tmp_path / "recital")) / "layout.toml"


@pytest.mark.parametrize("layout, number", [("musicfes", 0), ("recital", 1)])
def test_codes_are_read_after_abuse(build_dir, tmp_path, layout, number):
    file = tmp_path / "ticket.png"
    code = subprocess.run([build_dir / "tests/bench/render_rate", "save", LAYOUTS / layout / "layout.toml", str(number), file], check=True,
                          capture_output=True, text=True).stdout.strip()
    picture = Image.open(file).convert("RGB")
    read = {(abuse, reader.__name__): reader(apply(picture)) for abuse, apply in ABUSES.items() for reader in (by_zbar, by_zxing)}
    assert read == dict.fromkeys(read, code)
    checked = subprocess.run(["pngcheck", "-q", file], capture_output=True, text=True)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_previews(check, tmp_path):
    told = check(LAYOUTS / "recital/layout.toml", "--pdf", "--json", "--output", tmp_path / "previews")
    assert told.returncode == 0, told.stderr
    answer = json.loads(told.stdout)
    assert answer["warnings"] == []
    assert [Path(file).name for file in answer["previews"]] == [
        f"preview-{name}{end}" for name in GUESTS for end in (".png", ".pdf", "-a4.pdf")]
    assert by_zxing(Image.open(tmp_path / "previews/preview-rare.png")) == NO_CODE

    def told_by(program: str, file: str, *words) -> str:
        return subprocess.run([program, *words, tmp_path / "previews" / file, *(["-"] if program == "pdftotext" else [])], check=True,
                              capture_output=True, text=True).stdout

    for name, guest in GUESTS.items():
        text = told_by("pdftotext", f"preview-{name}.pdf")
        assert guest.replace(" ", "") in re.sub(r"\s", "", text), name  # blanks are what pdftotext guesses by distances
        fonts = [line.split() for line in told_by("pdffonts", f"preview-{name}-a4.pdf").splitlines()[2:]]
        assert len(fonts) >= 2 and all(font[-5:-2] == ["yes", "yes", "yes"] for font in fonts), "embedded, subsets, with their characters"
    assert "595.276 x 841.89 pts (A4)" in told_by("pdfinfo", "preview-rare-a4.pdf")
    assert "264.96 x 529.92 pts" in told_by("pdfinfo", "preview-rare.pdf")  # 1104 x 2208 at 300 to the inch
    for file in ("preview-rare.pdf", "preview-longest-a4.pdf"):
        subprocess.run(["pdftoppm", "-r", "100", "-png", "-singlefile", tmp_path / "previews" / file, tmp_path / "page"], check=True)
        page = Image.open(tmp_path / "page.png")
        assert (by_zbar(page), by_zxing(page)) == (NO_CODE, NO_CODE), file


def test_warnings(check, layout, tmp_path):
    layout.write_text(layout.read_text().replace("wrap = true", "").replace('dark = "#0f2f33"', 'dark = "#c0b090"'))
    told = check(layout, "--output", tmp_path)
    assert told.returncode == 1
    warnings = [line for line in told.stdout.splitlines() if line.startswith(f"{layout}: ")]
    assert [line.split(": ")[1] for line in warnings] == ["qr.dark", "text[2].width"]


@pytest.mark.parametrize("spoil, said", [
    (lambda folder: (folder / "layout.toml").write_text("[[["), "layout.toml:1: "),
    (lambda folder: spoilt(folder, "weight = 700", "weight = 7"), "layout.toml:14: text[0].weight = 7: must be from 100 to 900"),
    (lambda folder: spoilt(folder, "{guest}", "{gast}"), "text[2].text"),
    (lambda folder: spoilt(folder, "size = 600", "size = 6000"), "layout.toml: qr reaches beyond the picture, which is 1104x2208"),
    (lambda folder: (folder / "background.png").write_bytes(b"GIF89a"), "layout.toml: background: "),
    (lambda folder: (folder / "background.png").write_bytes((folder / "background.png").read_bytes()[:9000]), "layout.toml: background: "),
    (lambda folder: (folder / "background.png").unlink(), "layout.toml: background: "),
    (lambda folder: (folder / "layout.toml").unlink(), "layout.toml: No such file"),
])
def test_what_cannot_be_drawn_is_refused(build_dir, check, tmp_path, layout, spoil, said):
    spoil(layout.parent)
    told = check(layout, "--output", tmp_path)
    assert told.returncode == 3 and said in told.stderr and str(layout) in told.stderr, told.stderr

    tickets = tmp_path / "templates/tickets"
    shutil.copytree(LAYOUTS / "musicfes", tickets / "musicfes")
    shutil.copytree(layout.parent, tickets / "recital")
    configuration = tmp_path / "mogirid.toml"
    values = {"@TEMPLATES_DIR@": f"{tmp_path}/templates", "@FROM_EMAIL@": "tickets@example.jp", "@SERVER_URL@": "http://localhost",
              "@REDIS_DAEMON_PASSWORD_FILE@": ""}
    configuration.write_text(re.sub("@[A-Z_]+@", lambda place: values.get(place[0], "/nowhere"), CONFIGURATION.read_text()))
    applied = subprocess.run([build_dir / "daemon/ctl/mogirictl", "--config", configuration, "event", "apply", EVENT], capture_output=True,
                             text=True)
    assert applied.returncode == 3, applied.stderr
    assert 'layout = "recital": ' in applied.stderr and said in applied.stderr, "before the ledger is asked for"


def spoilt(folder: Path, good: str, bad: str) -> None:
    text = (folder / "layout.toml").read_text()
    assert good in text
    (folder / "layout.toml").write_text(text.replace(good, bad, 1))
