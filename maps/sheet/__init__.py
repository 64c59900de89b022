"""The drawings of a layout plan: sheets at a round scale with frame, title block, legend and notes."""
