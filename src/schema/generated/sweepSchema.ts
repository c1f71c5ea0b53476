// Generated from schemas/sweep.schema.json by `npm run schemas`. Do not edit.

export const sweepSchema: unknown = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "$id": "sweep.schema.json",
  "title": "Sweep",
  "description": "A grid of experiments: base files, and the axes along which they vary. Keys of axes are an experiment's short names (`bits`) or full paths (`training.optimizer.lr`).",
  "type": "object",
  "additionalProperties": false,
  "required": [
    "base"
  ],
  "properties": {
    "$schema": {
      "description": "Where editors find this schema.",
      "type": "string",
      "examples": [
        "../../schemas/sweep.schema.json"
      ]
    },
    "name": {
      "description": "Name of the sweep. Not given: the file's name.",
      "type": "string",
      "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$",
      "examples": [
        "bits-by-method"
      ]
    },
    "base": {
      "description": "The experiment that the cells vary, or several; a glob (`./res18-*.yaml`) stands for the files that it matches. Paths are relative to this file.",
      "type": [
        "string",
        "array"
      ],
      "minLength": 1,
      "minItems": 1,
      "items": {
        "type": "string",
        "minLength": 1
      },
      "x-path": true,
      "examples": [
        "./quickstart.yaml",
        [
          "./res18-*.yaml",
          "./mbv2-w4a4.yaml"
        ]
      ]
    },
    "profiles": {
      "description": "Profiles laid under every base, as with `--profile`.",
      "type": "array",
      "items": {
        "type": "string",
        "minLength": 1
      },
      "examples": [
        [
          "cifar10"
        ]
      ]
    },
    "set": {
      "description": "Values that every cell has, by short name or path.",
      "type": "object",
      "minProperties": 1,
      "additionalProperties": true,
      "examples": [
        {
          "epochs": 3,
          "training.schedule.kind": "cosine"
        }
      ]
    },
    "grid": {
      "description": "Axes that are combined: every value of one with every value of the others.",
      "type": "object",
      "minProperties": 1,
      "additionalProperties": {
        "$ref": "#/definitions/axis"
      },
      "examples": [
        {
          "bits": [
            2,
            3,
            4
          ],
          "method": [
            "n2uq",
            "lsq"
          ]
        }
      ]
    },
    "zip": {
      "description": "Axes that go together, value by value, all of the same length: one group of them, or a list of groups. The groups are combined with each other and with the grid.",
      "type": [
        "object",
        "array"
      ],
      "minProperties": 1,
      "minItems": 1,
      "additionalProperties": {
        "$ref": "#/definitions/axis"
      },
      "items": {
        "$ref": "#/definitions/zipGroup"
      },
      "examples": [
        {
          "weights": [
            2,
            4
          ],
          "activations": [
            3,
            3
          ]
        }
      ]
    },
    "exclude": {
      "description": "Cells to leave out: those that have all the values of an entry.",
      "type": "array",
      "minItems": 1,
      "items": {
        "$ref": "#/definitions/values"
      },
      "examples": [
        [
          {
            "bits": 4,
            "downsample": false
          }
        ]
      ]
    },
    "seeds": {
      "description": "Repetitions of every cell: how many (from seed 0 on), the seeds, or a range.",
      "type": [
        "integer",
        "array",
        "string"
      ],
      "minimum": 1,
      "maximum": 100000,
      "minItems": 1,
      "minLength": 1,
      "items": {
        "type": "integer",
        "minimum": 0
      },
      "examples": [
        3,
        [
          0,
          1,
          2
        ],
        "0..4"
      ]
    }
  },
  "definitions": {
    "axis": {
      "title": "Axis",
      "description": "The values: a list, or a range of integers with both ends (`0..4`).",
      "type": [
        "array",
        "string"
      ],
      "minItems": 1,
      "minLength": 1,
      "examples": [
        [
          2,
          3,
          4
        ],
        "0..4"
      ]
    },
    "zipGroup": {
      "title": "ZipGroup",
      "type": "object",
      "minProperties": 1,
      "additionalProperties": {
        "$ref": "#/definitions/axis"
      },
      "examples": [
        {
          "weights": [
            2,
            4
          ],
          "activations": [
            3,
            3
          ]
        }
      ]
    },
    "values": {
      "title": "Values",
      "type": "object",
      "minProperties": 1,
      "additionalProperties": true,
      "examples": [
        {
          "bits": 4,
          "downsample": false
        }
      ]
    }
  },
  "examples": [
    {
      "base": "./quickstart.yaml",
      "grid": {
        "bits": [
          2,
          3,
          4
        ]
      },
      "seeds": 3
    }
  ]
};
