module github.com/instance-power/terraform-provider-instance/tools/clis/terraform-1.8.5

go 1.26

require github.com/hashicorp/terraform v1.8.5
