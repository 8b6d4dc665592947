# Everything is done through these; `make run` and `make test` are all a newcomer needs.
PYTHON ?= python3
V := .venv/bin
export UV_LINK_MODE ?= copy

.PHONY: install requirements run test test-quick drills lint format bench assets fonts migration clean

install: .venv/installed

.venv/installed: requirements.txt
	@test -x $(V)/uv || { echo "Making .venv…"; $(PYTHON) -m venv .venv && $(V)/pip install --quiet --disable-pip-version-check uv; }
	@echo "Installing the pinned requirements…"
	@$(V)/uv pip install --quiet --python $(V)/python --require-hashes -r requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	@echo "Installing what tests need…"
	@$(V)/uv pip install --quiet --python $(V)/python --require-hashes -r requirements-dev.txt
	@touch $@

run: install
	@PYTHONUNBUFFERED=1 CONSULT_DEMO=1 exec $(V)/flask --app wsgi serve

test: .venv/installed-dev
	@$(V)/python -m tests.run

test-quick: .venv/installed-dev
	@$(V)/python -m pytest -n 2 --ignore=tests/journeys --ignore=tests/live

# faults on a running instance, with the commands of compose.yaml; `make drills DRILLS="Redis disk"` for some of them
drills: .venv/installed-dev
	@$(V)/python -m tests.drills $(DRILLS)

lint: .venv/installed-dev
	@$(V)/ruff check .
	@$(V)/ruff format --check .
	@$(V)/mypy
	@PYTHONPATH=. $(V)/lint-imports --no-logo
	@$(V)/bandit --quiet --recursive consult worker wsgi.py --severity-level medium
	@$(V)/python -m tests.audit

format: .venv/installed-dev
	@$(V)/ruff check --fix .
	@$(V)/ruff format .

# Pin what pyproject.toml asks for, with the hash of every file that may be installed
requirements: .venv/installed
	@$(V)/uv pip compile --quiet --upgrade --generate-hashes --no-annotate --no-header pyproject.toml -o requirements.txt
	@$(V)/uv pip compile --quiet --generate-hashes --no-annotate --no-header --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt

bench: .venv/installed-dev
	@$(V)/python -m bench

# Bootstrap, axe and a reader of QR codes from their npm packages, at the versions pinned here
BOOTSTRAP := 5.3.8
AXE := 4.14.1
JSQR := 1.4.0
assets:
	@rm -rf .cache/assets && mkdir -p .cache/assets consult/static/vendor/bootstrap consult/static/vendor/jsqr tests/vendor
	@cd .cache/assets && npm pack --silent bootstrap@$(BOOTSTRAP) axe-core@$(AXE) jsqr@$(JSQR) >/dev/null && for f in *.tgz; do mkdir -p $${f%.tgz} && tar xzf $$f -C $${f%.tgz}; done
	@for f in bootstrap.min.css bootstrap.rtl.min.css; do sed '/sourceMappingURL/s#/\*\# sourceMappingURL=.*\*/##' .cache/assets/bootstrap-$(BOOTSTRAP)/package/dist/css/$$f > consult/static/vendor/bootstrap/$$f; done
	@cp .cache/assets/bootstrap-$(BOOTSTRAP)/package/LICENSE consult/static/vendor/bootstrap/LICENSE
	@cp .cache/assets/jsqr-$(JSQR)/package/dist/jsQR.js .cache/assets/jsqr-$(JSQR)/package/LICENSE consult/static/vendor/jsqr/
	@cp .cache/assets/axe-core-$(AXE)/package/axe.min.js tests/vendor/ && cp .cache/assets/axe-core-$(AXE)/package/LICENSE tests/vendor/axe-LICENSE

# Fonts of badges and letters, for the scripts of the six official languages, from Debian's packages
fonts:
	@rm -rf .cache/fonts && mkdir -p .cache/fonts consult/static/vendor/fonts
	@cd .cache/fonts && apt-get download -qq fonts-noto-core fonts-droid-fallback && for f in *.deb; do dpkg-deb -x $$f .; done
	@cp .cache/fonts/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf .cache/fonts/usr/share/fonts/truetype/noto/NotoSans-Bold.ttf consult/static/vendor/fonts/
	@cp .cache/fonts/usr/share/fonts/truetype/noto/NotoSansArabic-Regular.ttf .cache/fonts/usr/share/fonts/truetype/noto/NotoSansArabic-Bold.ttf consult/static/vendor/fonts/
	@cp .cache/fonts/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf consult/static/vendor/fonts/
	@cp .cache/fonts/usr/share/doc/fonts-noto-core/copyright consult/static/vendor/fonts/LICENSE-noto
	@cp .cache/fonts/usr/share/doc/fonts-droid-fallback/copyright consult/static/vendor/fonts/LICENSE-droid

# a new migration from the models: make migration NAME="what it does" REV=0002
migration: install
	@CONSULT_DEMO=1 CONSULT_DATA_DIR=.cache/migration sh -c '$(V)/flask --app wsgi db upgrade && $(V)/flask --app wsgi db migrate -m "$(NAME)" --rev-id $(REV)'

clean:
	rm -rf .venv .cache instance
