module github.com/instance-power/terraform-provider-instance/tools/clis/tofu-1.8.0

go 1.26

require github.com/opentofu/opentofu v1.8.0

replace github.com/hashicorp/hcl/v2 v2.20.1 => github.com/opentofu/hcl/v2 v2.0.0-20240416130056-03228b26f391
