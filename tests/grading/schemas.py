"""What each platform says of its format, as strict JSON Schemas: no other field, no other type."""

from __future__ import annotations

from typing import Any

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}
_VISIBILITY = {"enum": ["visible", "hidden", "after_due_date", "after_published"]}
_FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}


def strict(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "required": sorted(required),
        "properties": required | (optional or {}),
        "additionalProperties": False,
    }


def listed(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


# https://gradescope-autograders.readthedocs.io/en/latest/specs/
GRADESCOPE = strict(
    {
        "score": {"type": "number", "minimum": 0},
        "tests": listed(
            strict(
                {
                    "score": {"type": "number", "minimum": 0},
                    "max_score": {"type": "number", "minimum": 0},
                    "status": {"enum": ["passed", "failed"]},
                    "name": _TEXT,
                    "number": {"type": "string", "pattern": r"^\d+(\.\d+)*$"},
                    "output": _TEXT,
                    "output_format": _FORMAT,
                    "tags": listed(_TEXT),
                    "visibility": _VISIBILITY,
                    "extra_data": {"type": "object"},
                },
                {"name_format": _FORMAT},
            )
        ),
    },
    {
        "execution_time": {"type": "number"},
        "output": _TEXT,
        "output_format": _FORMAT,
        "test_output_format": _FORMAT,
        "test_name_format": _FORMAT,
        "visibility": _VISIBILITY,
        "stdout_visibility": _VISIBILITY,
        "extra_data": {"type": "object"},
        "leaderboard": {"type": "array"},
    },
)

# https://prairielearn.readthedocs.io/en/latest/externalGrading/
_IMAGES = listed(strict({"url": {"type": "string", "pattern": "^data:image/"}}, {"label": _TEXT}))
PRAIRIELEARN = {
    "oneOf": [
        strict(
            {
                "gradable": {"const": True},
                "score": {"type": "number", "minimum": 0, "maximum": 1},
                "tests": listed(
                    strict(
                        {"name": _TEXT, "points": {"type": "number"}, "max_points": {"type": "number"}},
                        {"description": _TEXT, "message": _TEXT, "output": _TEXT, "images": _IMAGES},
                    )
                ),
            },
            {"message": _TEXT, "output": _TEXT, "images": _IMAGES},
        ),
        strict({"gradable": {"const": False}, "format_errors": listed(_TEXT)}, {"message": _TEXT}),
    ]
}

# https://github.com/classroom-resources/autograding-grading-reporter
GITHUB_CLASSROOM = strict(
    {
        "version": {"const": 1},
        "status": {"enum": ["pass", "fail", "error"]},
        "max_score": _COUNT,
        "tests": listed(
            strict(
                {
                    "name": _TEXT,
                    "status": {"enum": ["pass", "fail", "error"]},
                    "score": _COUNT,
                    "message": {"type": ["string", "null"]},
                    "test_code": _TEXT,
                    "filename": _TEXT,
                    "line_no": _COUNT,
                    "execution_time": {"type": "number"},
                }
            )
        ),
    }
)
