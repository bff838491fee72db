#!/usr/bin/env bash
# sentencex 1.0.32 and pysbd 0.3.4: no Spanish sentence ends with "bien" and a full stop.
#
# Both split texts of many languages into sentences and keep a list of abbreviations for each, behind
# which a full stop ends nothing. In the Spanish list of both is "bien", which means "well" and is no
# abbreviation. So "Está bien. Gracias." is one sentence, and speech that is made sentence by sentence
# is silent until the second is there. With "mal" in its place, or with a "!", there are two.
# sentence-splitter 1.4, an older one with a list of its own, has two of each.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    "sentencex==1.0.32" "pysbd==0.3.4" "sentence-splitter==1.4" 2>/dev/null
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import sentencex
from pysbd import Segmenter
from sentence_splitter import SentenceSplitter

segmenter, splitter = Segmenter(language="es", clean=False), SentenceSplitter(language="es")
for text, count in {
    "Está bien. Gracias.": 1,
    "Muy bien. Le llamo mañana.": 1,
    "Todo ha salido bien. ¿Algo más?": 1,
    "Está mal. Gracias.": 2,
    "¡Muy bien! Le llamo mañana.": 2,
    "Ha salido bien todo. ¿Algo más?": 2,
}.items():
    counts = len(sentencex.segment("es", text)), len(segmenter.segment(text))
    print(f"{text} sentencex {counts[0]}, pysbd {counts[1]}")
    assert len(splitter.split(text)) == 2, "sentence-splitter has changed"
    if counts != (count, count):
        raise SystemExit("it is split otherwise: the behaviour has changed")
PYTHON
