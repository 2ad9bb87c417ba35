#!/usr/bin/python3
"""Draws tickets as the system before did, with Pillow and qrcode, and says how many a second: old_way_ticket.py BACKGROUND SECONDS"""

import hashlib
import io
import json
import sys
import time

import qrcode
from PIL import Image, ImageDraw, ImageFont

FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"
NAMES = ("山田 花子", "髙橋 美咲", "佐藤 太郎", "林 さくら", "Alexander Smith")


def ticket(background: str, number: int) -> bytes:
    """The geometry, the version 10, the level H and the JPEG are those of its code."""
    image = Image.open(background).convert("RGB")
    code = qrcode.QRCode(version=10, error_correction=qrcode.constants.ERROR_CORRECT_H, box_size=10, border=4)
    code.add_data(hashlib.sha256(str(number).encode()).hexdigest())
    code.make()
    symbol = code.make_image(fill_color="black", back_color=(254, 232, 200)).convert("RGB").resize((1146, 1146))
    image.paste(symbol, (469, 1573))
    ImageDraw.Draw(image).text((1042, 2830), NAMES[number % len(NAMES)], (0, 0, 0), ImageFont.truetype(FONT, 100), "mm")
    file = io.BytesIO()
    image.save(file, "JPEG")
    return file.getvalue()


def main() -> None:
    background, seconds = sys.argv[1], float(sys.argv[2])
    ticket(background, 0)
    begun, spent, drawn, written = time.monotonic(), time.process_time(), 0, 0
    while drawn == 0 or time.process_time() - spent < seconds:
        written += len(ticket(background, drawn + 1))
        drawn += 1
    print(json.dumps({"per_second": drawn / (time.process_time() - spent), "per_second_wall": drawn / (time.monotonic() - begun),
                      "bytes": written / drawn, "tickets": drawn}))


if __name__ == "__main__":
    main()
