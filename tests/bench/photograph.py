"""A picture with what makes photographs hard to compress: soft light, edges, grain, and a camera's JPEG."""

import random
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT = 2083, 4167


def take(path: Path) -> None:
    """The same one each time but for the grain."""
    dice = random.Random(7)
    sky = Image.linear_gradient("L").resize((WIDTH, HEIGHT))
    scene = Image.merge("RGB", (sky.point(lambda v: 60 + v * 150 // 255), sky.point(lambda v: 70 + v * 90 // 255),
                                sky.point(lambda v: 150 - v * 80 // 255)))
    pen = ImageDraw.Draw(scene)
    for _ in range(900):
        x, y, size = dice.randrange(WIDTH), dice.randrange(HEIGHT), dice.randrange(10, 160)
        pen.ellipse((x - size, y - size, x + size, y + size), tuple(dice.randrange(40, 230) for _ in range(3)))
    scene = scene.filter(ImageFilter.GaussianBlur(6))
    for _ in range(400):
        x, y = dice.randrange(WIDTH), dice.randrange(HEIGHT)
        pen = ImageDraw.Draw(scene)
        pen.line((x, y, x + dice.randrange(-300, 300), y + dice.randrange(-300, 300)), (30, 25, 40), dice.randrange(2, 12))
    grain = Image.effect_noise((WIDTH, HEIGHT), 9).filter(ImageFilter.GaussianBlur(0.7))
    scene = ImageChops.add(scene, Image.merge("RGB", (grain,) * 3), offset=-128)
    ImageDraw.Draw(scene).rounded_rectangle((400, 1500, 1683, 3000), 60, (254, 232, 200))
    scene.save(path, "JPEG", quality=90)


if __name__ == "__main__":
    import sys
    take(Path(sys.argv[1]))
