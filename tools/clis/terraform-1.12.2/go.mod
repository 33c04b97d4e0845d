module github.com/instance-power/terraform-provider-instance/tools/clis/terraform-1.12.2

go 1.26

require github.com/hashicorp/terraform v1.12.2

// Modules that have no version of their own.
replace (
	github.com/hashicorp/terraform/internal/backend/remote-state/azure => ../stubs/azure
	github.com/hashicorp/terraform/internal/backend/remote-state/consul => ../stubs/consul
	github.com/hashicorp/terraform/internal/backend/remote-state/cos => ../stubs/cos
	github.com/hashicorp/terraform/internal/backend/remote-state/gcs => ../stubs/gcs
	github.com/hashicorp/terraform/internal/backend/remote-state/kubernetes => ../stubs/kubernetes
	github.com/hashicorp/terraform/internal/backend/remote-state/oss => ../stubs/oss
	github.com/hashicorp/terraform/internal/backend/remote-state/pg => ../stubs/pg
	github.com/hashicorp/terraform/internal/backend/remote-state/s3 => ../stubs/s3
	github.com/hashicorp/terraform/internal/backend/remote-state/oci => ../stubs/oci
	github.com/hashicorp/terraform/internal/legacy => ../stubs/legacy
)
