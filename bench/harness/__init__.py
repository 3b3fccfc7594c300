"""What every figure of bench/run stands on."""
