// Command terraform-provider-instance is a Terraform provider for the power
// state of virtual machines.
package main

func main() {}
