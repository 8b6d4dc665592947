# One image; what a container does is said by its command (see compose.yaml).
FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/consult
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY wsgi.py ./
COPY consult consult
COPY worker worker
COPY templates templates
COPY migrations migrations
RUN useradd --system --create-home consult && mkdir -p /var/lib/consult && chown consult /var/lib/consult
USER consult
ENV CONSULT_DATA_DIR=/var/lib/consult
EXPOSE 8000
CMD ["flask", "--app", "wsgi", "web", "--host", "0.0.0.0", "--port", "8000"]
