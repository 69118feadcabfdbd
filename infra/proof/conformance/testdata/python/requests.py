"""The part of the requests library that the documents' samples use, over the
standard library, so that the samples run unchanged wherever Python does."""

import urllib.error
import urllib.request


class Response:
    def __init__(self, status, headers, body):
        self.status_code = status
        self.headers = headers
        self.text = body.decode("utf-8")


def request(method, url, headers=None, data=None):
    body = data.encode("utf-8") if isinstance(data, str) else data
    call = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(call, timeout=30) as answer:
            return Response(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as refused:
        return Response(refused.code, refused.headers, refused.read())
