# An autoscaling group of the baked image: every node names itself by its instance id and follows the repository.

terraform {
  required_version = ">= 1.4"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

provider "aws" {
  region = var.region
}

variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "subnets" {
  type        = list(string)
  description = "The subnets to launch nodes in."
}

variable "token" {
  type      = string
  sensitive = true
}

variable "openpgp_key" {
  type      = string
  sensitive = true
}

data "aws_ami" "web" {
  owners      = ["self"]
  most_recent = true

  filter {
    name   = "name"
    values = ["web-*"] # what packer/web.pkr.hcl makes
  }
}

module "user_data" {
  source      = "../user-data"
  role        = "web"
  trusted     = { region = var.region }
  token       = var.token
  openpgp_key = var.openpgp_key
}

resource "aws_launch_template" "web" {
  name_prefix   = "web-"
  image_id      = data.aws_ami.web.id
  instance_type = "t3.small"
  user_data     = base64encode(module.user_data.user_data)

  # The token and the key stand in the user data: only processes of root may ask for it, and containers not at all.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
}

resource "aws_autoscaling_group" "web" {
  name_prefix         = "web-"
  min_size            = 2
  max_size            = 10
  vpc_zone_identifier = var.subnets

  launch_template {
    id      = aws_launch_template.web.id
    version = aws_launch_template.web.latest_version
  }

  instance_refresh {
    strategy = "Rolling"
  }
}
