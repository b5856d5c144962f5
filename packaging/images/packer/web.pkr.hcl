# Bakes inside the machine that becomes the image; see plugins.pkr.hcl for how to call Packer.

variable "package" {
  type        = string
  description = "The Debian package of Freehold, built by `make deb`."
}

variable "config" {
  type        = string
  default     = "../web.yaml"
  description = "The configuration that nodes of the image will have."
}

variable "token_file" {
  type        = string
  description = "A file with the token that opens the repository for this bake; it does not stay in the image."
}

variable "build_key" {
  type        = string
  default     = "build-key"
  description = "QEMU: the private key whose public half stands in seed/user-data."
}

variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "debian_image" {
  type        = string
  default     = "https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-generic-amd64.qcow2"
  description = "The image that the QEMU builder begins with."
}

variable "debian_checksum" {
  type    = string
  default = "file:https://cloud.debian.org/images/cloud/bookworm/latest/SHA512SUMS"
}

source "amazon-ebs" "web" {
  region        = var.region
  instance_type = "t3.small"
  ssh_username  = "admin"
  ami_name      = "web-{{timestamp}}"

  source_ami_filter {
    owners      = ["136693071363"] # Debian
    most_recent = true
    filters = {
      name                = "debian-12-amd64-*"
      virtualization-type = "hvm"
    }
  }
}

source "qemu" "web" {
  iso_url          = var.debian_image
  iso_checksum     = var.debian_checksum
  disk_image       = true
  format           = "qcow2"
  headless         = true
  ssh_username     = "admin"
  ssh_timeout      = "10m"
  shutdown_command = "sudo systemctl poweroff"
  output_directory = "output"

  # How Packer gets in: a NoCloud seed of its own, which is no part of the disk.
  ssh_private_key_file = var.build_key
  cd_label             = "cidata"
  cd_files             = ["seed/user-data", "seed/meta-data"]
}

build {
  sources = ["source.amazon-ebs.web", "source.qemu.web"]

  provisioner "file" {
    source      = var.package
    destination = "/tmp/freehold.deb"
  }

  provisioner "file" {
    source      = var.config
    destination = "/tmp/image.yaml"
  }

  provisioner "file" {
    source      = var.token_file
    destination = "/dev/shm/token"
  }

  provisioner "shell" {
    # cloud-init of the build is done first, so that nobody else holds apt. The bake also takes Packer's own key away.
    inline = [
      "cloud-init status --wait",
      "sudo apt-get -q update",
      "sudo DEBIAN_FRONTEND=noninteractive apt-get -q -y install /tmp/freehold.deb",
      "sudo freehold bake --root / --config /tmp/image.yaml --token-file /dev/shm/token --timer 5m",
      "sudo rm -f /dev/shm/token /tmp/freehold.deb /tmp/image.yaml /home/admin/.ssh/authorized_keys",
      "sudo cloud-init clean --logs",
      "sync",
    ]
  }
}
