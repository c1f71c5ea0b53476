// Generated from schemas/config.schema.json by `npm run schemas`. Do not edit.

export const configSchema: unknown = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "$id": "config.schema.json",
  "title": "ProjectConfig",
  "description": "A project's own defaults: n2uq.config.yaml, .n2uqrc, or the key `n2uq` of package.json. Paths are relative to the file.",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "$schema": {
      "description": "Where editors find this schema.",
      "type": "string",
      "examples": [
        "./schemas/config.schema.json"
      ]
    },
    "experiment": {
      "description": "The experiment that commands take when none is named.",
      "type": "string",
      "minLength": 1,
      "x-path": true,
      "examples": [
        "./experiments/quickstart.yaml"
      ]
    },
    "runs": {
      "description": "Folder of the run directories.",
      "type": "string",
      "minLength": 1,
      "default": "runs",
      "x-path": true,
      "examples": [
        "./runs"
      ]
    },
    "data": {
      "title": "DataFolders",
      "description": "Where data sets lie on this machine.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "mnist": {
          "$ref": "#/definitions/dataFolder",
          "description": "MNIST; not given: fetched into the user's cache.",
          "examples": [
            {
              "root": "./data/mnist"
            }
          ]
        },
        "cifar10": {
          "$ref": "#/definitions/dataFolder",
          "description": "CIFAR-10; not given: fetched into the user's cache.",
          "examples": [
            {
              "root": "./data/cifar10"
            }
          ]
        },
        "imagenet": {
          "$ref": "#/definitions/dataFolder",
          "description": "ImageNet: a folder with train/ and val/, a folder a class.",
          "examples": [
            {
              "root": "/data/imagenet"
            }
          ]
        }
      },
      "examples": [
        {
          "imagenet": {
            "root": "/data/imagenet"
          }
        }
      ]
    },
    "engine": {
      "description": "The engine of experiments that name none.",
      "type": "string",
      "enum": [
        "auto",
        "wasm",
        "cpu"
      ],
      "examples": [
        "wasm"
      ]
    },
    "defaults": {
      "$ref": "experiment.schema.json",
      "description": "Part of an experiment that every experiment of the project starts from.",
      "examples": [
        {
          "training": {
            "batchSize": 64
          }
        }
      ]
    },
    "profiles": {
      "title": "Profiles",
      "description": "Overlays by name, for `--profile NAME`: a file, or part of an experiment.",
      "type": "object",
      "propertyNames": {
        "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$"
      },
      "additionalProperties": {
        "type": [
          "string",
          "object"
        ],
        "x-path": true,
        "if": {
          "type": "object"
        },
        "then": {
          "$ref": "experiment.schema.json"
        }
      },
      "examples": [
        {
          "quick": {
            "training": {
              "epochs": 1
            }
          },
          "long": "./profiles/long.yaml"
        }
      ]
    }
  },
  "definitions": {
    "dataFolder": {
      "title": "DataFolder",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "root": {
          "description": "The folder, relative to this file.",
          "type": "string",
          "minLength": 1,
          "x-path": true,
          "examples": [
            "./data"
          ]
        }
      }
    }
  },
  "examples": [
    {
      "experiment": "./experiments/quickstart.yaml",
      "runs": "./runs"
    }
  ]
};
