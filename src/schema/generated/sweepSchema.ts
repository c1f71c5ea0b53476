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
      "maxLength": 200,
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
      "maxItems": 10000,
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
      "maxItems": 100,
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
      "maxItems": 100,
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
      "maxItems": 1000,
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
    "search": {
      "$ref": "#/definitions/search",
      "description": "A search for the bits of each layer's weights, for `n2uq search`.",
      "examples": [
        {
          "budget": {
            "averageWeightBits": 2.5
          },
          "candidates": [
            2,
            3,
            4
          ]
        }
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
      "maxItems": 100000,
      "minLength": 1,
      "items": {
        "type": "integer",
        "minimum": 0,
        "maximum": 4294967295
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
    },
    "table": {
      "$ref": "#/definitions/table",
      "description": "How `n2uq table` lays out the cells, and the published values that stand beside them.",
      "examples": [
        {
          "title": "ResNet-18",
          "columns": [
            {
              "label": "W2/A2",
              "where": {
                "bits": 2
              }
            }
          ],
          "rows": [
            {
              "label": "N2UQ",
              "where": {
                "method": "n2uq"
              },
              "references": {
                "W2/A2": 69.4
              }
            }
          ]
        }
      ]
    }
  },
  "definitions": {
    "search": {
      "title": "Search",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "budget",
        "candidates"
      ],
      "properties": {
        "budget": {
          "$ref": "#/definitions/budget",
          "description": "What the network may cost; each limit that is given is kept.",
          "examples": [
            {
              "averageWeightBits": 2.5
            }
          ]
        },
        "candidates": {
          "description": "Bits that the weights of a layer may have. The search starts with all layers at the largest.",
          "type": "array",
          "minItems": 2,
          "maxItems": 8,
          "uniqueItems": true,
          "items": {
            "type": "integer",
            "minimum": 1,
            "maximum": 8
          },
          "examples": [
            [
              2,
              3,
              4
            ]
          ]
        },
        "layers": {
          "description": "Other candidates for some layers, by glob on their names; later rules win.",
          "type": "array",
          "items": {
            "$ref": "#/definitions/searchRule"
          },
          "maxItems": 1000,
          "examples": [
            [
              {
                "match": "layer1.*",
                "candidates": [
                  3,
                  4
                ]
              }
            ]
          ]
        },
        "holdout": {
          "description": "Training images that are held out: the network is trained without them, and each lowered layer is judged on them.",
          "type": "integer",
          "minimum": 1,
          "maximum": 1000000000,
          "default": 2000,
          "examples": [
            5000
          ]
        }
      }
    },
    "searchRule": {
      "title": "SearchRule",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "match",
        "candidates"
      ],
      "properties": {
        "match": {
          "description": "A glob on layer names.",
          "type": "string",
          "minLength": 1,
          "examples": [
            "layer1.*"
          ]
        },
        "candidates": {
          "description": "Bits that the weights of these layers may have.",
          "type": "array",
          "minItems": 1,
          "maxItems": 8,
          "uniqueItems": true,
          "items": {
            "type": "integer",
            "minimum": 1,
            "maximum": 8
          },
          "examples": [
            [
              3,
              4
            ]
          ]
        }
      }
    },
    "budget": {
      "title": "Budget",
      "type": "object",
      "additionalProperties": false,
      "minProperties": 1,
      "properties": {
        "averageWeightBits": {
          "description": "Mean bits over all weights of quantized layers.",
          "type": "number",
          "minimum": 1,
          "maximum": 8,
          "examples": [
            2.5
          ]
        },
        "bitOps": {
          "description": "BitOPs of the whole network for one image.",
          "type": "number",
          "exclusiveMinimum": 0,
          "examples": [
            45000000
          ]
        },
        "packedBytes": {
          "description": "Size of the whole network in bytes, weights packed at their bits.",
          "type": "number",
          "exclusiveMinimum": 0,
          "examples": [
            35000
          ]
        }
      }
    },
    "table": {
      "title": "Table",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "title",
        "columns",
        "rows"
      ],
      "properties": {
        "title": {
          "description": "The table's caption.",
          "type": "string",
          "minLength": 1,
          "examples": [
            "ResNets on ImageNet"
          ]
        },
        "metric": {
          "description": "The accuracy that is shown, of each run's best epoch: `top1` or `top5`.",
          "type": "string",
          "enum": [
            "top1",
            "top5"
          ],
          "default": "top1",
          "examples": [
            "top1"
          ]
        },
        "columns": {
          "description": "The columns, from left to right.",
          "type": "array",
          "minItems": 1,
          "maxItems": 1000,
          "items": {
            "$ref": "#/definitions/tableColumn"
          },
          "examples": [
            [
              {
                "label": "W2/A2",
                "where": {
                  "bits": 2
                }
              }
            ]
          ]
        },
        "rows": {
          "description": "The rows, from top to bottom.",
          "type": "array",
          "minItems": 1,
          "maxItems": 1000,
          "items": {
            "$ref": "#/definitions/tableRow"
          },
          "examples": [
            [
              {
                "group": "ResNet-18",
                "label": "N2UQ",
                "where": {
                  "method": "n2uq"
                }
              }
            ]
          ]
        },
        "footnotes": {
          "description": "Caveats by the keys that rows name; they are numbered in the order in which rows name them.",
          "type": "object",
          "additionalProperties": {
            "$ref": "#/definitions/tableNote"
          },
          "examples": [
            {
              "misprint": "The repository prints another network's values here."
            }
          ]
        },
        "sources": {
          "description": "Where reference values come from, by the keys that rows name.",
          "type": "object",
          "additionalProperties": {
            "$ref": "#/definitions/tableNote"
          },
          "examples": [
            {
              "paper": "N2UQ, CVPR 2022, table 1."
            }
          ]
        }
      }
    },
    "tableColumn": {
      "title": "TableColumn",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "label",
        "where"
      ],
      "properties": {
        "label": {
          "description": "The column's heading; references name it.",
          "type": "string",
          "minLength": 1,
          "examples": [
            "W2/A2"
          ]
        },
        "where": {
          "$ref": "#/definitions/values",
          "description": "Values that the column's cells have, all of them, by short name or path. A full-precision cell has no bits.",
          "examples": [
            {
              "bits": 2
            }
          ]
        }
      }
    },
    "tableRow": {
      "title": "TableRow",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "label"
      ],
      "properties": {
        "group": {
          "description": "What neighbouring rows have in common, such as the network; shown once.",
          "type": "string",
          "minLength": 1,
          "examples": [
            "ResNet-18"
          ]
        },
        "label": {
          "description": "The row's name.",
          "type": "string",
          "minLength": 1,
          "examples": [
            "N2UQ"
          ]
        },
        "where": {
          "$ref": "#/definitions/values",
          "description": "Values that the row's cells have, all of them, by short name or path. Not given: the row has references only.",
          "examples": [
            {
              "arch": "resnet18",
              "method": "n2uq"
            }
          ]
        },
        "references": {
          "description": "Published accuracies in percent, by the columns' labels.",
          "type": "object",
          "additionalProperties": {
            "$ref": "#/definitions/accuracy"
          },
          "examples": [
            {
              "W2/A2": 69.4,
              "W3/A3": 71.9
            }
          ]
        },
        "source": {
          "description": "The key under `sources` that says where the references come from.",
          "type": "string",
          "minLength": 1,
          "examples": [
            "paper"
          ]
        },
        "footnotes": {
          "description": "Keys under `footnotes` of what a reader must know about this row.",
          "type": "array",
          "items": {
            "type": "string",
            "minLength": 1
          },
          "maxItems": 1000,
          "examples": [
            [
              "misprint"
            ]
          ]
        }
      }
    },
    "tableNote": {
      "title": "TableNote",
      "type": "string",
      "minLength": 1
    },
    "accuracy": {
      "title": "Accuracy",
      "type": "number",
      "minimum": 0,
      "maximum": 100
    },
    "axis": {
      "title": "Axis",
      "description": "The values: a list, or a range of integers with both ends (`0..4`).",
      "type": [
        "array",
        "string"
      ],
      "minItems": 1,
      "maxItems": 100000,
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
